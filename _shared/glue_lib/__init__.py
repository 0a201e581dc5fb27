"""What every dataset's Glue jobs are made of: plain PySpark, no CDK, no Lambda, no particular dataset."""
