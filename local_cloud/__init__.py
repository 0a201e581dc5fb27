"""AWS on a laptop: the MiniStack emulator, extended with the service behaviour that this platform needs.

MiniStack answers the AWS APIs on loopback with IAM enforced. Some of its services return an answer without doing the
work: Glue jobs, crawlers, Athena and the Step Functions integrations. Modules of this package replace those.
``docs/local-cloud.md`` lists what is emulated and where it differs from AWS.
"""
