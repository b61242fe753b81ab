"""Files of records: brought, mapped, tried out, run in steps, undone as a whole.

An app says in its importing package what can be imported: `register(Importable(...))`, with a `Planner` that reads.
`files.bring` keeps a file, `running.ask_to_check` tells every row's fate, `checking.mend` puts a cell right,
`running.ask_to_run` writes; what was written is one act of crm.undo.
"""
