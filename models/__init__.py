"""What a lock means: sequential models that know no time, clients or files."""

from __future__ import annotations

from typing import Any

from holdfast.models.model import (
    Call,
    Example,
    Fail,
    Info,
    InvalidCall,
    Model,
    Observes,
    ObservesFailures,
    Ok,
    OwnedByToken,
    Refused,
    Result,
    TakesInstants,
    WithExamples,
)
from holdfast.registry import Registry

MODELS: Registry[type[Model[Any]]] = Registry("model", __name__)

__all__ = [
    "MODELS",
    "Call",
    "Example",
    "Fail",
    "Info",
    "InvalidCall",
    "Model",
    "Observes",
    "ObservesFailures",
    "Ok",
    "OwnedByToken",
    "Refused",
    "Result",
    "TakesInstants",
    "WithExamples",
]
