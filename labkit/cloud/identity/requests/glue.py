"""Glue: the catalog (a table's access is also its database's and the catalog's), jobs, crawlers and the rest.

Resources per action: docs.aws.amazon.com/service-authorization, "AWS Glue"; the catalog's levels: "Specifying AWS Glue resource ARNs".
"""

from __future__ import annotations

from collections.abc import Mapping

from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.rules import Rules

_DB = "database/{DatabaseName,lower}"
_TABLE = "table/{DatabaseName,lower}/{TableName,lower}"
_NAMED_TABLE = "table/{DatabaseName,lower}/{TableInput.Name|Name,lower}"
_REGISTRY = "registry/{RegistryId.RegistryName|SchemaId.RegistryName|=default-registry}"
_SCHEMA = "schema/{SchemaId.RegistryName|RegistryId.RegistryName|=default-registry}/{SchemaId.SchemaName|SchemaName}"

_RESOURCES = {
    # GetDatabases: who publishes policies for it grants the catalog and the databases that matter, not all of them, and is let in.
    "catalog": (
        "GetCatalogImportStatus ImportCatalogToGlue GetDataCatalogEncryptionSettings PutDataCatalogEncryptionSettings"
        " GetResourcePolicies GetResourcePolicy PutResourcePolicy DeleteResourcePolicy GetCatalogs CreateConnection GetDatabases"
    ),
    "catalog catalog/{CatalogId|Name}": "GetCatalog UpdateCatalog DeleteCatalog CreateCatalog",
    "catalog database/{DatabaseInput.Name,lower}": "CreateDatabase",
    "catalog database/{Name,lower}": "GetDatabase UpdateDatabase",
    "catalog database/{Name,lower} table/{Name,lower}/* userDefinedFunction/{Name,lower}/*": "DeleteDatabase",
    f"catalog {_DB} {_NAMED_TABLE}": "CreateTable GetTable UpdateTable DeleteTable",
    f"catalog {_DB} table/{{DatabaseName,lower}}/*": "GetTables",
    f"catalog {_DB} table/{{DatabaseName,lower}}/{{TablesToDelete,lower}}": "BatchDeleteTable",
    "catalog database/* table/*/*": "SearchTables",
    f"catalog {_DB} {_TABLE}": (
        "GetTableVersion GetTableVersions DeleteTableVersion BatchDeleteTableVersion"
        " CreatePartition BatchCreatePartition GetPartition GetPartitions BatchGetPartition UpdatePartition BatchUpdatePartition"
        " DeletePartition BatchDeletePartition CreatePartitionIndex GetPartitionIndexes DeletePartitionIndex"
        " GetColumnStatisticsForTable GetColumnStatisticsForPartition UpdateColumnStatisticsForTable"
        " UpdateColumnStatisticsForPartition DeleteColumnStatisticsForTable DeleteColumnStatisticsForPartition"
        " StartColumnStatisticsTaskRun StartColumnStatisticsTaskRunSchedule StopColumnStatisticsTaskRun"
        " StopColumnStatisticsTaskRunSchedule CreateColumnStatisticsTaskSettings UpdateColumnStatisticsTaskSettings"
        " DeleteColumnStatisticsTaskSettings CreateTableOptimizer UpdateTableOptimizer DeleteTableOptimizer GetTableOptimizer"
        " ListTableOptimizerRuns"
    ),
    (
        "catalog database/{Entries.databaseName,lower} table/{Entries.databaseName,lower}/{Entries.tableName,lower}"
    ): "BatchGetTableOptimizer",
    f"catalog {_DB}": "CreateUserDefinedFunction",
    f"catalog {_DB} userDefinedFunction/{{DatabaseName,lower}}/{{FunctionName,lower}}": (
        "GetUserDefinedFunction UpdateUserDefinedFunction DeleteUserDefinedFunction"
    ),
    f"catalog {_DB} userDefinedFunction/{{DatabaseName,lower}}/*": "GetUserDefinedFunctions",
    "catalog connection/{Name|ConnectionName|ConnectionNameList}": (
        "GetConnection UpdateConnection DeleteConnection BatchDeleteConnection DescribeEntity ListEntities"
    ),
    "catalog connection/*": "GetConnections",
    "connection/{ConnectionName}": "TestConnection GetEntityRecords",
    "job/{JobName|Name|JobNames}": (
        "CreateJob GetJob UpdateJob DeleteJob StartJobRun GetJobRun GetJobRuns BatchStopJobRun BatchGetJobs"
        " UpdateJobFromSourceControl UpdateSourceControlFromJob"
    ),
    "job/{JobName|=*}": (
        "StartJobUpgradeAnalysis GetJobUpgradeAnalysis StopJobUpgradeAnalysis ListJobUpgradeAnalyses UpgradeJob"
    ),
    "integrationresourceproperty/*/*": "ListIntegrationResourceProperties",
    "crawler/{Name|CrawlerName|CrawlerNames|CrawlerNameList}": (
        "CreateCrawler GetCrawler UpdateCrawler DeleteCrawler StartCrawler StopCrawler ListCrawls BatchGetCrawlers"
    ),
    "trigger/{Name|TriggerNames}": (
        "CreateTrigger GetTrigger UpdateTrigger DeleteTrigger StartTrigger StopTrigger BatchGetTriggers"
    ),
    "workflow/{Name|Names}": (
        "CreateWorkflow GetWorkflow UpdateWorkflow DeleteWorkflow StartWorkflowRun StopWorkflowRun ResumeWorkflowRun GetWorkflowRun"
        " GetWorkflowRuns GetWorkflowRunProperties PutWorkflowRunProperties BatchGetWorkflows"
    ),
    "blueprint/{Name|BlueprintName|Names}": (
        "CreateBlueprint GetBlueprint UpdateBlueprint DeleteBlueprint StartBlueprintRun GetBlueprintRun GetBlueprintRuns"
        " BatchGetBlueprints"
    ),
    "devEndpoint/{EndpointName|DevEndpointNames}": "GetDevEndpoint UpdateDevEndpoint DeleteDevEndpoint BatchGetDevEndpoints",
    "mlTransform/{TransformId|=*}": (
        "GetMLTransform UpdateMLTransform DeleteMLTransform GetMLTaskRun GetMLTaskRuns CancelMLTaskRun StartMLEvaluationTaskRun"
        " StartMLLabelingSetGenerationTaskRun StartExportLabelsTaskRun StartImportLabelsTaskRun GetMLTransforms ListMLTransforms"
    ),
    "session/{Id|SessionId|=*}": (
        "CreateSession GetSession DeleteSession StopSession RunStatement GetStatement ListStatements CancelStatement"
        " GetDashboardUrl"
    ),
    "usageProfile/{Name}": "CreateUsageProfile GetUsageProfile UpdateUsageProfile DeleteUsageProfile",
    "dataQualityRuleset/{Name|RulesetNames|=*}": (
        "GetDataQualityRuleset UpdateDataQualityRuleset DeleteDataQualityRuleset ListDataQualityRulesets"
        " StartDataQualityRulesetEvaluationRun GetDataQualityRulesetEvaluationRun CancelDataQualityRulesetEvaluationRun"
        " ListDataQualityRulesetEvaluationRuns StartDataQualityRuleRecommendationRun GetDataQualityRuleRecommendationRun"
        " CancelDataQualityRuleRecommendationRun ListDataQualityRuleRecommendationRuns GetDataQualityResult ListDataQualityResults"
        " GetDataQualityModel GetDataQualityModelResult PutDataQualityProfileAnnotation"
    ),
    "registry/{RegistryName|RegistryId.RegistryName}": "CreateRegistry",
    _REGISTRY: "GetRegistry UpdateRegistry DeleteRegistry ListSchemas",
    f"{_REGISTRY} {_SCHEMA}": (
        "CreateSchema GetSchema UpdateSchema DeleteSchema GetSchemaByDefinition GetSchemaVersion GetSchemaVersionsDiff"
        " ListSchemaVersions RegisterSchemaVersion DeleteSchemaVersions PutSchemaVersionMetadata QuerySchemaVersionMetadata"
        " RemoveSchemaVersionMetadata"
    ),
    "integration:{IntegrationIdentifier|IntegrationName|=*}": (
        "CreateIntegration DeleteIntegration ModifyIntegration DescribeIntegrations"
    ),
    "connectionType:{ConnectionType|=*}": "DescribeConnectionType RegisterConnectionType DeleteConnectionType",
    "@{ResourceArn}": "TagResource UntagResource GetTags",
    "@{ResourceArn|=*}": (
        "CreateIntegrationResourceProperty GetIntegrationResourceProperty UpdateIntegrationResourceProperty"
        " DeleteIntegrationResourceProperty CreateIntegrationTableProperties GetIntegrationTableProperties"
        " UpdateIntegrationTableProperties DeleteIntegrationTableProperties"
    ),
}
_PASSES = {
    **dict.fromkeys(("CreateJob", "CreateCrawler", "UpdateCrawler", "CreateSession", "CreateMLTransform"), "Role"),
    **dict.fromkeys(
        ("UpdateMLTransform", "StartColumnStatisticsTaskRun", "CreateColumnStatisticsTaskSettings"), "Role"
    ),
    **dict.fromkeys(("UpdateColumnStatisticsTaskSettings", "StartDataQualityRuleRecommendationRun"), "Role"),
    "StartDataQualityRulesetEvaluationRun": "Role",
    "UpdateJob": "JobUpdate.Role",
    "CreateDevEndpoint": "RoleArn",
    "StartBlueprintRun": "RoleArn",
    "CreateTableOptimizer": "TableOptimizerConfiguration.roleArn",
    "UpdateTableOptimizer": "TableOptimizerConfiguration.roleArn",
}


def _tags(asked: Asked, arn: str) -> Mapping[str, str]:
    return kept_tags.tags_of_glue(arn, asked.account, asked.region)


GLUE = Rules(
    prefix="glue",
    arn="arn:aws:glue:{region}:{account}:",
    resources=_RESOURCES,
    passes=_PASSES,
    passed_to="glue.amazonaws.com",
    tagging={
        "TagResource": (
            "CreateJob CreateCrawler CreateTrigger CreateWorkflow CreateDatabase CreateBlueprint CreateRegistry CreateSchema CreateSession"
            " CreateUsageProfile"
        ),
        "TagResource connection/{ConnectionInput.Name}": "CreateConnection",
        "TagResource devEndpoint/{EndpointName}": "CreateDevEndpoint",
        "TagResource mlTransform/*": "CreateMLTransform",
        "TagResource dataQualityRuleset/{Name}": "CreateDataQualityRuleset",
    },
    tags=_tags,
)
