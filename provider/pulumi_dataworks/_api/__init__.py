"""The DataWorks API: where it is, who calls, one signed request, one file for each version."""
