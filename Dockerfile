# One image for every process of a deployment; docker-compose.yml says which runs what.
FROM python:3.12-slim
RUN useradd --system --create-home --uid 10001 schoolmatch
WORKDIR /srv
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && mkdir -p /store && chown schoolmatch /store
USER schoolmatch
ENV STORE=/store HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
VOLUME /store
