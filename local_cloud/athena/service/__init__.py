"""The operations of Athena's API in the emulator; the only modules that know it."""
