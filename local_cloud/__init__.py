"""AWS on a laptop: the MiniStack emulator with the services that this platform needs made real.

MiniStack answers the AWS APIs on loopback with IAM enforced. Where it only pretends (Glue jobs, crawlers, Athena, the
Step Functions integrations and the role behind them) a module of this package takes its place. ``docs/local-cloud.md``
tells what is emulated and where it differs from AWS.
"""
