"""Adapters to AWS services. Together with ``s3_io`` they are the only modules of the functions that use boto3."""
