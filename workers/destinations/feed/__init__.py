"""The kind ``feed``: a delivery has arrived once it has its place in the school's feed."""
