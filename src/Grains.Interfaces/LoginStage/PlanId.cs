using System.Globalization;
using SessionCluster.Sessions;

namespace SessionCluster.LoginStage;

/// <summary>
/// The id of a plan: 122 random bits. It answers nothing by itself: a plan's token is this id plus a MAC. The session that the
/// plan makes is born with the same id, so no plan can ever make two.
/// </summary>
/// <param name="Value">The UUID.</param>
[GenerateSerializer, Immutable, Alias("sc.plan-id")]
public readonly record struct PlanId([property: Id(0)] Guid Value)
{
    // 'p' is no hex digit: Orleans' ADO.NET provider folds keys that read as numbers or GUIDs into one another.
    private const string KeyPrefix = "p:";

    /// <summary>The key of the plan's grain.</summary>
    public string GrainKey => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{Value:N}");

    /// <summary>The session that the plan makes.</summary>
    public SessionId Session => new(Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}
