using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertBodyTests
{
    // Not seen by themselves, so they are not written as they are.
    private const string Begins = "\u2068";

    private const string Ends = "\u2069";

    private const string Override = "\u202E";

    [Theory]
    [InlineData("jane", "jane")]
    [InlineData("Zoë, 李", "Zoë, 李")]
    [InlineData("שרה", Begins + "שרה" + Ends)]
    [InlineData("jane (سارة)", Begins + "jane (سارة)" + Ends)]
    [InlineData("\U0001E900", Begins + "\U0001E900" + Ends)]
    [InlineData("ja" + Override + "ne\u2067\u2069", "jane")]
    [InlineData(Ends + "שרה" + Override, Begins + "שרה" + Ends)]
    public void A_name_turns_nothing_of_a_notification_around(string name, string written)
    {
        Assert.Equal($"{written} logged in from 192.0.2.7.", Body(EventActions.Login, name, "{}"));
        Assert.Equal($"A session of jane ended: {written}.", Body(EventActions.Logout, "jane", $$"""{"logout_reason": "{{name}}"}"""));
        Assert.Equal($"model updated: userloginstage {written}.", Body(EventActions.ModelUpdated, "", $$"""{"model": {"model_name": "userloginstage", "name": "{{name}}"} }"""));
    }

    private static string Body(string action, string name, string context) =>
        AlertNotification.BodyOf(new EventInfo(Guid.NewGuid(), action, new UserFacts(new UserId("42"), name, "", ""), "192.0.2.7", null, DateTimeOffset.UnixEpoch, context));
}
