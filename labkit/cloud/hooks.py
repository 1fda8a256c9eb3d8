"""The places where moto is extended. Everything else of moto is used as it comes.

| place | why |
|---|---|
| `moto.s3.models.FakeKey`, `FakeBucket` | object bytes are files, keys are journaled (`objects.py`) |
| `moto.s3.notifications.send_event` | events are delivered asynchronously (`events/`) |
| `S3Backend.delete_object`, `put_object_acl` | moto tells of too few deletions and of too many access lists (`events/changes.py`) |
| `S3Response._key_response`, `put_object`, `upload_part`, `S3Backend.copy_object` | what S3 refuses (`digests.py`) |
| CloudFormation's part of `moto.events.models.Rule`, `EventBus`, `Archive` | rules of stacks are the event bus's (`event_bus/stacks.py`) |
| `moto.awslambda.models.LambdaFunction.invoke` | functions run in our workers (`functions/`) |
| `moto.sns.models.Subscription.publish`, `LambdaBackend.send_sns_message` | functions get the message, later (`functions/topics.py`) |
| `moto.sqs.models.SQSBackend.send_message`, `receive_message` …, `Queue.delete_message` | many threads; loops are found (`queues.py`) |
| `FakeBucket.get_permission` | the gate has decided already (`identity/gate.py`); moto would ignore conditions |
| `TokenResponse.assume_role` and its like | sessions keep the policies and tags they were given (`identity/sessions.py`) |
| `STSBackend.get_caller_identity`, `IAMBackend.get_user_from_access_key_id` | an unknown static key is the student's |
| `User`, `Group` of IAM | unique ids begin with AIDA and AGPA, as on AWS |
| `IamResponse.create_user`, `put_user_permissions_boundary` … | moto knows no boundaries of users (`identity/boundaries.py`) |
| `IamResponse.get_user`, `list_access_keys` … | without a name they speak of whoever asks (`identity/oneself.py`) |
| `IAMBackend.delete_policy` …, `get_role`, `get_group` | what AWS refuses, in its words (`identity/entities.py`) |
| `STSBackend.get_assumed_role_from_access_key` | moto looks through every session there is |
| `IamResponse.simulate_…`, `get_context_keys_…` | moto has no simulator (`identity/simulate.py`) |
| `IAMPolicyDocumentValidator`, `IAMBackend.create_role` …, `S3Backend.put_bucket_policy` | bad policies (`identity/document_checks.py`) |
| CloudFormation's `ResourceMap.load` …, `Stack.update`, `delete_stack` | stacks keep to permissions (`identity/stacks.py`) |
| `ResourceMap.create` …, `Stack.delete` …, the map of types | stacks call the services and roll back (`stacks/install.py`) |
| `CloudWatchResponse.put_metric_data`, `get_metric_data` … | our metrics (`metrics/`); moto reads the requests and writes the replies |
| `BaseModel.__new__` | moto remembers every object it ever made, for its own test dashboard: memory would grow for ever |
| environment of the process | managed policies loaded, one account, no CORS |

`tests/cloud/test_hooks.py` fails when an upgrade of moto moves one of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.call import AwsError, Call, Handler, Scope

ACCOUNT = "123456789012"
Publish = Callable[[str, str, Any, Any], None]


def set_environment() -> None:
    """Settings that moto reads from the environment; call before importing moto."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)
    os.environ.update(
        {
            # moto makes boto3 sessions: the user's profiles and keys are none of its business.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "MOTO_ACCOUNT_ID": ACCOUNT,
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
            "MOTO_DISABLE_GLOBAL_CORS": "true",
        }
    )


def install(shelf: Any) -> None:
    """Put our S3 classes in moto's place."""
    import moto.core.common_models
    import moto.s3.models

    from labkit.cloud import digests, objects

    digests.install()
    objects.use_shelf(shelf)
    moto.core.common_models.BaseModel.__new__ = _plain_new
    moto.s3.models.FakeKey = objects.DiskKey
    moto.s3.models.FakeBucket = objects.DiskBucket


def route_events(publish: Publish) -> None:
    """Send S3 events to `publish(account, event_name, bucket, key)`."""
    import moto.s3.notifications

    from labkit.cloud.events.changes import watch_changes

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        # moto's CompleteMultipartUpload also puts the whole object, which S3 does not report as a Put.
        if event_name.value == "s3:ObjectCreated:Put" and key.multipart is not None:
            return
        if event_name.value.startswith("s3:ObjectRemoved:"):
            return  # told by `watch_changes`, which knows the version
        publish(account_id, str(event_name.value), bucket, key)

    moto.s3.notifications.send_event = send_event
    watch_changes(publish)


def install_sessions() -> None:
    """Let STS give sessions that can be evaluated, and IAM know whose an unknown static key is."""
    from moto.iam.models import Group, IAMBackend, User
    from moto.sts.models import STSBackend
    from moto.sts.responses import TokenResponse

    from labkit.cloud.identity import callers, session_index, sessions

    find_user = IAMBackend.get_user_from_access_key_id
    if find_user.__module__ == __name__:
        return  # a second cloud in one process, as tests have

    def get_user(backend: Any, access_key: str) -> Any:
        if callers.is_issued(access_key, backend.account_id) or access_key == callers.ROOT_KEY:
            return find_user(backend, access_key)
        return callers.student_user(backend.account_id)

    IAMBackend.get_user_from_access_key_id = get_user
    STSBackend.get_caller_identity = sessions.get_caller_identity
    STSBackend.get_assumed_role_from_access_key = session_index.find_session
    TokenResponse.assume_role = sessions.assume_role
    TokenResponse.get_session_token = sessions.get_session_token
    TokenResponse.get_federation_token = sessions.get_federation_token
    for kind, prefix in ((User, "AIDA"), (Group, "AGPA")):
        kind.__init__ = _with_unique_id(kind.__init__, prefix)


def _with_unique_id(init: Callable[..., None], prefix: str) -> Callable[..., None]:
    """A constructor whose object has a unique id as AWS gives them (AIDA… for a user): policies and events tell kinds by them."""
    from moto.iam.utils import generate_access_key_id_from_account_id

    def construct(entity: Any, account: str, *args: Any, **kwargs: Any) -> None:
        init(entity, account, *args, **kwargs)
        entity.id = generate_access_key_id_from_account_id(account, prefix, total_length=21)

    return construct


def install_iam() -> None:
    """Let IAM simulate policies by the evaluation that enforces them, and keep the boundaries of users."""
    from moto.iam.responses import IamResponse

    from labkit.cloud.identity import boundaries, oneself, simulate

    if IamResponse.create_user.__module__ != boundaries.__name__:
        IamResponse.create_user = boundaries.with_boundary(IamResponse.create_user)
    if IamResponse.get_user.__module__ != oneself.__name__:
        for name in oneself.CALLS:
            setattr(IamResponse, name, oneself.as_caller(getattr(IamResponse, name)))
    IamResponse.put_user_permissions_boundary = boundaries.put_user_permissions_boundary
    IamResponse.delete_user_permissions_boundary = boundaries.delete_user_permissions_boundary
    IamResponse.simulate_principal_policy = simulate.simulate_principal_policy
    IamResponse.simulate_custom_policy = simulate.simulate_custom_policy
    IamResponse.get_context_keys_for_principal_policy = simulate.get_context_keys_for_principal_policy
    IamResponse.get_context_keys_for_custom_policy = simulate.get_context_keys_for_custom_policy


def install_document_checks() -> None:
    """Let IAM and S3 refuse the policies that AWS refuses."""
    import moto.iam.models
    from moto.iam.models import IAMBackend
    from moto.s3.models import S3Backend

    from labkit.cloud.identity import document_checks as checks
    from labkit.cloud.identity import entities
    from labkit.cloud.identity.identity_grammar import IdentityDocument

    if IAMBackend.update_assume_role_policy is checks.update_assume_role_policy:
        return  # a second cloud in one process, as tests have
    moto.iam.models.IAMPolicyDocumentValidator = IdentityDocument
    for name, check in entities.CHECKS.items():
        setattr(IAMBackend, name, checks.checked(getattr(IAMBackend, name), check))
    for kind in ("role", "group"):
        setattr(IAMBackend, f"get_{kind}", entities.named(getattr(IAMBackend, f"get_{kind}"), kind))
    IAMBackend.update_assume_role_policy = checks.update_assume_role_policy
    IAMBackend.create_role = checks.checked(IAMBackend.create_role, checks.check_role)
    IAMBackend.create_policy = checks.checked(IAMBackend.create_policy, checks.check_policy)
    IAMBackend.create_policy_version = checks.checked(IAMBackend.create_policy_version, checks.check_version)
    IAMBackend.put_user_policy = checks.checked(IAMBackend.put_user_policy, checks.check_inline("user"))
    IAMBackend.put_group_policy = checks.checked(IAMBackend.put_group_policy, checks.check_inline("group"))
    IAMBackend.put_role_policy = checks.checked(IAMBackend.put_role_policy, checks.check_inline("role"))
    S3Backend.put_bucket_policy = checks.checked(S3Backend.put_bucket_policy, checks.check_bucket_policy)


def install_stacks(authorizer: Any, reach: Any, changed: Callable[[str, str, str], None]) -> None:
    """Let CloudFormation make only what is carried out, with the permissions of whoever asked for the stack.

    `reach` leads from a stack to the services (`stacks/asking.py`); `changed` is told what must be saved.
    """
    from moto.cloudformation.models import CloudFormationBackend, Stack
    from moto.cloudformation.parsing import ResourceMap

    from labkit.cloud.identity import stacks
    from labkit.cloud.stacks.install import install

    install(reach, changed)
    # A new stack is looked at before it is kept, one of a change set when that is carried out.
    ways = (
        ("load", "CreateStack", stacks.on_create),
        ("update", "", stacks.on_update),
        ("delete", "", stacks.on_delete),
    )
    for name, operation, look in ways:
        method = getattr(ResourceMap, name)
        setattr(ResourceMap, name, stacks.guarded(authorizer, getattr(method, "__wrapped__", method), operation, look))
    Stack.update = stacks.undone_when_refused(Stack.update)
    CloudFormationBackend.delete_stack = stacks.kept_when_refused(CloudFormationBackend.delete_stack)


def route_invocations(invoke: Callable[..., bytes]) -> None:
    """Let moto's SQS, SNS and EventBridge invoke functions through `invoke(function, body, response_headers)`."""
    from moto.awslambda.models import LambdaFunction

    def invoke_function(function: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
        return invoke(function, body, response_headers)

    LambdaFunction.invoke = invoke_function


def route_cloudwatch(handlers: Mapping[str, Handler]) -> None:
    """Answer CloudWatch's calls by handlers, by action; moto reads the requests and writes the replies in every protocol."""
    from moto.cloudwatch.exceptions import CloudWatchException
    from moto.cloudwatch.responses import CloudWatchResponse
    from moto.core.responses import ActionResult
    from moto.core.utils import camelcase_to_underscores

    def answer(action: str, handler: Handler) -> Callable[[Any], Any]:
        def respond(response: Any) -> Any:
            params, scope = response.params, Scope(response.current_account, response.region)
            plain = (
                params if isinstance(params, dict) else params.original_dict()
            )  # its own mapping has names in snake case
            try:
                return ActionResult(handler(Call("cloudwatch", action, plain, scope)))
            except AwsError as error:
                if error.status == 501:
                    raise  # the front tells what is not carried out
                raise CloudWatchException(error.code, error.message) from error

        return respond

    for action, handler in handlers.items():
        setattr(CloudWatchResponse, camelcase_to_underscores(action), answer(action, handler))


def route_topics(deliver: Callable[[Any], None]) -> None:
    """Send what SNS has for a function, after moto's filter policies, to `deliver(TopicMessage)`."""
    import threading

    from moto.awslambda.models import LambdaBackend
    from moto.sns.models import Subscription

    from labkit.cloud.functions.topics import TopicMessage

    publish = getattr(Subscription.publish, "of_moto", Subscription.publish)
    now = threading.local()

    def publish_one(
        subscription: Any, message: str, message_id: str, subject: Any = None, *rest: Any, **more: Any
    ) -> None:
        now.subscription, now.message_id = subscription, message_id
        now.attributes = more.get("message_attributes") or (rest[0] if rest else None) or {}
        publish(subscription, message, message_id, subject, *rest, **more)

    def send_to_function(
        backend: Any, function_name: str, message: str, subject: Any = None, qualifier: Any = None
    ) -> None:
        del backend, function_name, qualifier
        found = now.subscription
        endpoint, attributes = found.endpoint, dict(now.attributes)
        deliver(TopicMessage(found.arn, found.topic.arn, endpoint, now.message_id, message, subject, attributes))

    publish_one.of_moto = publish  # type: ignore[attr-defined]
    Subscription.publish = publish_one
    LambdaBackend.send_sns_message = send_to_function


def _plain_new(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
    return object.__new__(cls)
