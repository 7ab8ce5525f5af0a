"""A fake server of Terraform's states: what the HTTP backend asks of one.

It answers as GitLab does: a state with its time and an ETag, 404 for none, 423 with who holds the
lock where somebody does. Terraform itself can work with it: it locks, writes and unlocks.
"""

from opsboard.demo.terraform.plan_document import plan_document
from opsboard.demo.terraform.routes import routes

__all__ = ["plan_document", "routes"]
