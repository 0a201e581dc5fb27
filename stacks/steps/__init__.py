"""The steps of pipelines, a module each: its function or job, role, task, time limits and retries."""
