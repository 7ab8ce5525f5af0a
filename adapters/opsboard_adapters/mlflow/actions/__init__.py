"""Actions on models: :class:`.rollback.RollbackModel` and :class:`.promote.PromoteModel` move an
alias, :mod:`.registry_edits` writes tags and descriptions.

On servers from before aliases it is the stage that is moved. :mod:`.snapshot` reads a model with
its versions, runs and drift; :mod:`.candidates` says which version to go back to; :mod:`.findings`
and :mod:`.comparison` say what is to be known of it first.
"""
