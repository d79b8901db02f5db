"""What the bodies of requests share."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A body: nothing but what is described, and no number in quotes."""

    model_config = ConfigDict(extra="forbid", strict=False)
