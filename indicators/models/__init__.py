from indicators.models.guidance import Agreement, Guidance
from indicators.models.systems import Indicator, Reporter, System, Target
from indicators.models.values import Asked, Round, Value

__all__ = ["Agreement", "Asked", "Guidance", "Indicator", "Reporter", "Round", "System", "Target", "Value"]
