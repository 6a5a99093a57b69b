"""The key that rankers of tests are signed with, and the one that checks them."""

from matcher.signature import public_key

RANKER_SEED = b"k" * 32
RANKER_KEY = public_key(RANKER_SEED)
