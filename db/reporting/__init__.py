"""Reports to sign: their figures gathered once, kept, and written as DOCX and XLSX."""
