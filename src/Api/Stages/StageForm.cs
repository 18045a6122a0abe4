namespace SessionCluster.Api.Stages;

/// <summary>Reads a stage's fields over a stage that gives what is omitted.</summary>
internal static class StageForm
{
    private const int MaxText = 255;

    // Those that are only told are passed over, so that a stage that was read can be sent back changed.
    private static readonly string[] Members =
    [
        "name", "session_duration", "remember_me_offset", "remember_device", "terminate_other_sessions", "network_binding", "geoip_binding",
        "pk", "component", "verbose_name", "verbose_name_plural", "meta_model_name", "flow_set",
    ];

    /// <summary>Reads the fields; faults are noted.</summary>
    /// <param name="stage">What omitted fields keep.</param>
    /// <param name="nameRequired">True for POST and PUT; PATCH may omit the name too.</param>
    public static StageInfo Read(ObjectReader body, StageInfo stage, bool nameRequired)
    {
        body.OnlyKnows(Members);
        return stage with
        {
            Name = body.Name(MaxText, stage.Name, nameRequired),
            SessionDuration = ReadDuration(body, "session_duration", stage.SessionDuration),
            RememberMeOffset = ReadDuration(body, "remember_me_offset", stage.RememberMeOffset),
            RememberDevice = ReadDuration(body, "remember_device", stage.RememberDevice),
            TerminateOtherSessions = body.Flag("terminate_other_sessions", stage.TerminateOtherSessions),
            NetworkBinding = (NetworkBinding)body.OneOf("network_binding", BindingNames.Network, (int)stage.NetworkBinding, "no network binding"),
            GeoIpBinding = (GeoIpBinding)body.OneOf("geoip_binding", BindingNames.GeoIp, (int)stage.GeoIpBinding, "no GeoIP binding"),
        };
    }

    private static Duration ReadDuration(ObjectReader body, string field, Duration current)
    {
        if (!body.Has(field))
        {
            return current;
        }

        var text = body.Text(field, MaxText, current.ToString());
        if (DurationParser.TryParse(text, out var duration, out var error))
        {
            return duration;
        }

        body.Fault(field, error);
        return current;
    }
}
