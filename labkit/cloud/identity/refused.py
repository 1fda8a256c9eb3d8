"""A refusal of IAM or STS in AWS's code and words."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class Refused(ServiceException):
    """Raised as moto's own class, a refusal would be looked up in a service called "core" (the module that the class stands in), and
    the caller would hear InternalFailure.
    """
