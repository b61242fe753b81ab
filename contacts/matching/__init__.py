"""How people and companies are matched: the specifications that crm.matching works by."""
