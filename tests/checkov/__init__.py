"""Checkov, another reader of the templates than cdk-nag and cfn-lint."""
