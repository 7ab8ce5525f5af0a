"""What is needed to read states. Whoever may read one can read every password in it."""

from typing import Final

from opsboard.adapter.rights import Right

TERRAFORM_RIGHTS: Final = (
    Right("read the file", "states, locks and plans in files", "no rows of it"),
    Right("`GET` of `address`", "a state behind HTTP", "no rows of it"),
    Right(
        "`s3:ListBucket` on the bucket, `s3:GetObject` on its states and locks; `kms:Decrypt` "
        "where a key of yours encrypts them",
        "states in S3",
        "no rows of it",
    ),
    Right(
        "`list` and `get` on `secrets` of the namespace",
        "states in a cluster; RBAC cannot narrow `list` to those of Terraform",
        "no rows of it",
    ),
    Right(
        "`GET` of `lock_address`; `get` on `leases.coordination.k8s.io` of the namespace",
        "who holds a lock",
        "the lock is not known, and that is said",
        optional=True,
    ),
)
"""By backend: what a source needs is what its own backend does."""
