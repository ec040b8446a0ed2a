"""A mapping -> a frozen class, or one clear line that names the variable and what it expects."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from include.errors import ConfigurationError
from include.settings.environment import Environment


class Settings(BaseModel):
    """Base of all settings: frozen, by the variables' own names, secrets hidden."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    @classmethod
    def from_env(cls, env: Environment) -> Self:
        """Read from a mapping; an empty value counts as absent. Raises ConfigurationError."""
        try:
            return cls.model_validate({name: value for name, value in env.items() if value != ""})
        except ValidationError as error:
            raise ConfigurationError("; ".join(cls._explain(e) for e in error.errors())) from None

    @classmethod
    def _explain(cls, error: Any) -> str:
        name = str(error["loc"][0]) if error["loc"] else cls.__name__
        description = next((f.description for n, f in cls.model_fields.items() if name in (n, f.alias)), None)
        expected = f" It expects: {description}" if description else ""
        if error["type"] == "missing":
            return f"{name} is not set.{expected}"
        return f"{name} is malformed: {error['msg'].removeprefix('Value error, ')}.{expected}"
