"""What was downloaded, as files: archives and their members, checked, unpacked and decoded into raw."""
