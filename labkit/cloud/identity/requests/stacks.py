"""CloudFormation: stacks by name or ARN."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.cloud.identity.requests import kept
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules

_STACK = (
    "CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources"
    " ListStackResources GetTemplate GetTemplateSummary GetStackPolicy SetStackPolicy CancelUpdateStack ContinueUpdateRollback"
    " CreateChangeSet DescribeChangeSet DescribeChangeSetHooks ExecuteChangeSet DeleteChangeSet ListChangeSets DetectStackDrift"
    " DetectStackResourceDrift DescribeStackResourceDrifts SignalResource UpdateTerminationProtection RollbackStack ListStacks"
    " RecordHandlerProgress DescribeEvents"
)
_SETS = (
    "DescribeStackSet UpdateStackSet DeleteStackSet CreateStackInstances UpdateStackInstances DeleteStackInstances ListStackInstances"
    " DescribeStackInstance DescribeStackSetOperation ListStackSetOperations ListStackSetOperationResults StopStackSetOperation"
    " DetectStackSetDrift ImportStacksToStackSet ListStackSetAutoDeploymentTargets ListStackInstanceResourceDrifts"
)
_TEXTS = {
    "ChangeSetName": "cloudformation:changesetname", "RoleARN": "cloudformation:rolearn",
    "StackPolicyURL": "cloudformation:stackpolicyurl", "TemplateURL": "cloudformation:templateurl",
}  # fmt: skip


def _stack(asked: Asked) -> Iterable[str]:
    name = asked.text("StackName")
    if not name and asked.text("ChangeSetName").startswith("arn:"):
        # A change set by its ARN: the stack is one that only it knows.
        return [f"arn:aws:cloudformation:{asked.region}:{asked.account}:stack/*/*"]
    return [kept.stack_arn(name, asked.account, asked.region)]


def _context(asked: Asked) -> Context:
    context: Context = {key: (asked.text(name),) for name, key in _TEXTS.items() if asked.text(name)}
    types = texts_at(asked.params, "ResourceTypes")
    return {**context, "cloudformation:resourcetypes": tuple(types)} if types else context


CLOUDFORMATION = Rules(
    prefix="cloudformation",
    arn="arn:aws:cloudformation:{region}:{account}:",
    resources={
        "stackset/{StackSetName}:*": _SETS,
        "stack/*/*": (
            "CreateStackRefactor DescribeStackRefactor ExecuteStackRefactor ListStackRefactorActions ListStackRefactors ListHookResults"
        ),
    },
    arns=dict.fromkeys(_STACK.split(), _stack),
    passes=dict.fromkeys(
        ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ContinueUpdateRollback", "RollbackStack"),
        "RoleARN",
    ),
    passed_to="cloudformation.amazonaws.com",
    context=_context,
)
