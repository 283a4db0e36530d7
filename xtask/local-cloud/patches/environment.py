"""A clean environment for functions.

Gap: the bootstrap inherits the whole environment of the emulator's process, so a function can
depend on a variable of the developer's shell (PATH, HOME, AWS_PROFILE, …) and pass here.
AWS: a function sees the variables Lambda documents, its execution role's credentials, and those
of its configuration; nothing else.
Patch: build that set; of ministack's own result only the values it computed are taken over.
AWS_ENDPOINT_URL is the one addition: it is how a function finds this cloud.
"""
from hooks import module, need, wrap

COMPUTED = (
    "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ENDPOINT_URL", "LAMBDA_TASK_ROOT", "_HANDLER",
)
FIXED = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
}


def apply():
    lambda_svc = module("services.lambda_svc")
    need(lambda_svc, "_runtime_env_vars")

    def worker_env(original, config, code_dir, port):
        inherited = original(config, code_dir, port)
        return {
            **FIXED,
            **lambda_svc._runtime_env_vars(config),
            **{name: inherited[name] for name in COMPUTED if name in inherited},
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group(config),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        }

    wrap(lambda_svc, "_provided_worker_env", worker_env)


def log_group(config):
    """The group the function writes to: the configured one, else AWS's default."""
    return (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
