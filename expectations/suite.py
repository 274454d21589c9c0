"""The Great Expectations suite, built from the rule objects. Import only where it runs: GX costs seconds."""

from typing import Any

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider import column_condition_partial
from great_expectations.validator.validator import ValidationDependencies

from expectations.rules import RULES, Rule

KEY = "row_id"


class RowPredicate(ColumnMapMetricProvider):  # type: ignore[misc]  # GX is only half typed
    """A SQL predicate over the whole row. Column-map conditions of one suite are bundled into ONE query."""

    condition_metric_name = "column_values.row_predicate"
    condition_value_keys = ("predicate",)
    filter_column_isnull = False

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]  # the same
    def _sqlalchemy(cls, _column: Any, predicate: str, **_: Any) -> Any:  # noqa: N805 (GX passes the class)
        return sa.literal_column(f"coalesce(({predicate}), true)", sa.Boolean)


class ExpectRowsToSatisfy(ColumnMapExpectation):  # type: ignore[misc]  # GX is only half typed
    """Expect every row of the batch to satisfy a SQL predicate of the repository (never text of an extract)."""

    predicate: str
    map_metric = "column_values.row_predicate"
    success_keys = ("mostly", "predicate")
    args_keys = ("column", "predicate")

    def get_validation_dependencies(self, *args: Any, **kwargs: Any) -> ValidationDependencies:
        """Counts only: GX would fetch the failing values of every rule by one more query, and show none."""
        needed = super().get_validation_dependencies(*args, **kwargs)
        needed.remove_metric_configuration(f"{self.map_metric}.unexpected_values")
        return needed


class ExpectNoRows(gx.expectations.UnexpectedRowsExpectation):  # type: ignore[misc]  # GX is only half typed
    """Expect a query of the repository to name no row of the batch. Counts only, as above: one query, not two."""

    metric_dependencies = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, int], *_: Any, **__: Any) -> dict[str, Any]:
        """GX's own reading needs the rows too."""
        count = metrics["unexpected_rows_query.row_count"]
        return {"success": count == 0, "result": {"observed_value": count}}


def expectation(rule: Rule, thresholds: dict[str, int] | None = None) -> Any:
    """One rule as a GX expectation: Indonesian description, rule code in ``meta``."""
    common: dict[str, Any] = {
        "description": f"{rule.code}: {rule.told(rule.title, thresholds)}",
        "meta": {"code": rule.code},
    }
    if rule.is_row:
        predicate = f"not coalesce(({rule.statement(thresholds)}), false)"
        return ExpectRowsToSatisfy(column=KEY, predicate=predicate, **common)
    query = f"select {KEY} from {{batch}} where {KEY} in ({rule.statement(thresholds)})"
    return ExpectNoRows(unexpected_rows_query=query, **common)


def build_suite(
    name: str, rules: tuple[Rule, ...] = RULES, thresholds: dict[str, int] | None = None
) -> gx.ExpectationSuite:
    """All rules as one suite, in catalogue order."""
    return gx.ExpectationSuite(name=name, expectations=[expectation(rule, thresholds) for rule in rules])
