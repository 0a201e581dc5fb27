"""What comes of each kind of defect in a real file: the table in ``docs/defects.md``, kept true by a test."""
