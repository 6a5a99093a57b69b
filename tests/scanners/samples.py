"""A line for each of our rules that it must find, so that a rule that fell asleep is seen."""

BAD = {
    "no-pickle": "import pickle\n",
    "no-raw-sql": (
        'def find(connection, name):\n    return connection.execute(f"SELECT {name} FROM t")\n'
    ),
    "no-backslash-d": 'import re\n\nPOSTAL = re.compile(r"\\d{5}")\n',
    "no-unguarded-outbound-call": "import urllib.request\n\nurllib.request.urlopen(address)\n",
    "no-shell": 'import subprocess\n\nsubprocess.run("ls", shell=True)\n',
    "no-templates-from-strings": "drawn = render_template_string(words)\n",
    "no-redirect-to-what-was-sent": 'answer = redirect(request.args["next"], 303)\n',
    "secrets-compared-in-constant-time": "right = made.hexdigest() == given\n",
    "cookies-by-one-door": 'answer.set_cookie("a", "b", secure=True)\n',
}
