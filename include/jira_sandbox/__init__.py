"""The embedded Jira stand-in: its own server with its own SQLite file, speaking the REST contract of Jira Cloud.

It exists so that filing, linking and reading back tickets run over one code path everywhere: in tests, in the demo and
against a company's Jira. Nothing of postmarket imports it and it imports nothing of postmarket.
"""
