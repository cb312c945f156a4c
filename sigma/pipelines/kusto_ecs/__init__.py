"""Pipeline to Kusto over a table `Events` whose columns are named as in ECS."""

from sigma.processing.pipeline import ProcessingPipeline

from sigma.sigmaproof.pack_pipelines import events_pipeline

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["kusto_ecs"]


def kusto_ecs() -> ProcessingPipeline:
    """Read ECS fields from columns of the same name; comes after a pipeline to ECS names."""
    return events_pipeline()
