using System.Collections.Immutable;
using SessionCluster.Api.Input;

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

    // What a field of the wrong type reads as; its fault is noted, and the stage is not saved.
    private const string Faulty = "?";

    /// <summary>A new stage's settings before its fields are read (docs/login-stage.md).</summary>
    public static StageInfo Default(Guid pk) => new(
        pk, "", Duration.Zero, Duration.Zero, new Duration("days=30", TimeSpan.FromDays(30)), false, NetworkBinding.None, GeoIpBinding.None);

    /// <summary>Reads the fields; faults are noted.</summary>
    /// <param name="body">The body.</param>
    /// <param name="stage">What omitted fields keep.</param>
    /// <param name="nameRequired">True for POST and PUT; PATCH may omit the name too.</param>
    public static StageInfo Read(ObjectReader body, StageInfo stage, bool nameRequired)
    {
        body.OnlyKnows(Members);
        return stage with
        {
            Name = ReadName(body, stage.Name, nameRequired),
            SessionDuration = ReadDuration(body, "session_duration", stage.SessionDuration),
            RememberMeOffset = ReadDuration(body, "remember_me_offset", stage.RememberMeOffset),
            RememberDevice = ReadDuration(body, "remember_device", stage.RememberDevice),
            TerminateOtherSessions = body.Flag("terminate_other_sessions", stage.TerminateOtherSessions),
            NetworkBinding = (NetworkBinding)ReadBinding(body, "network_binding", "network", BindingNames.Network, (int)stage.NetworkBinding),
            GeoIpBinding = (GeoIpBinding)ReadBinding(body, "geoip_binding", "GeoIP", BindingNames.GeoIp, (int)stage.GeoIpBinding),
        };
    }

    private static string ReadName(ObjectReader body, string current, bool required)
    {
        if (!required && !body.Has("name"))
        {
            return current;
        }

        var name = body.Has("name") ? body.Text("name", MaxText, Faulty) : body.Text("name", MaxText);
        if (body.Has("name") && string.IsNullOrWhiteSpace(name))
        {
            body.Fault("name", "Must not be blank.");
        }

        return name;
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

    /// <summary>The number of the mode that a field names.</summary>
    private static int ReadBinding(ObjectReader body, string field, string kind, ImmutableArray<string> names, int current)
    {
        var text = body.Text(field, MaxText, names[current]);
        if (names.IndexOf(text) is >= 0 and var binding)
        {
            return binding;
        }

        body.Fault(field, $"\"{text}\" is no {kind} binding; use one of {string.Join(", ", names)}.");
        return current;
    }
}
