"""A store in object storage that speaks S3: boto3 for control and large files, obstore for many small ones."""
