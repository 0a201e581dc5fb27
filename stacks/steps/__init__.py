"""The steps of pipelines, one module each: function or job, role, task, time limits and retries."""
