"""Actions on models. There is one, :class:`.rollback.RollbackModel`: it moves an alias.

On servers from before aliases it is the stage that is moved. :mod:`.snapshot` reads a model with
its versions, runs and drift; :mod:`.candidates` says which version to go back to; :mod:`.findings`
and :mod:`.comparison` say what is to be known of it first.
"""
