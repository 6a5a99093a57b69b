"""The kind ``form_post``: the fields of a school's own system, with its proofs and its answers."""
