using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Events;

public sealed class ModelEventsTests
{
    private static readonly AlertMatcher Matcher = new(Guid.NewGuid(), "m", false, null, null, null, null, null);

    private static readonly AlertBinding Binding = new(Guid.NewGuid(), Guid.NewGuid(), Matcher.Pk, false, true, 0, 30, false);

    public static TheoryData<object, object, string> Changes => new()
    {
        { Matcher, Matcher with { ExecutionLogging = true }, """{"execution_logging":{"previous_value":false,"new_value":true}}""" },
        { Matcher, Matcher with { Query = "q" }, """{"query":{"previous_value":"","new_value":"q"}}""" },
        { Binding, Binding with { Timeout = 60 }, """{"timeout":{"previous_value":"30","new_value":"60"}}""" },
        { Binding, Binding with { Order = 1, FailureResult = true }, """{"order":{"previous_value":"0","new_value":"1"},"failure_result":{"previous_value":false,"new_value":true}}""" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_is_told_with_every_field_that_changed(object before, object after, string diff) => Assert.EndsWith(
        $"\"diff\":{diff}}}", ModelEvents.Changed(new RandomIdSource(), before, after, new ChangedBy("key", null), DateTimeOffset.UnixEpoch).ContextJson, StringComparison.Ordinal);
}
