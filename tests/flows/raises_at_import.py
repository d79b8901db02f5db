"""A module that can't be loaded, as after half an upgrade."""

raise RuntimeError("halvt opgraderet")
