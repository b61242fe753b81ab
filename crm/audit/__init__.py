"""The history of the whole site, for those who audit it: who changed what, when and why, over everything tracked."""
