namespace SessionCluster.Api.Stages;

/// <summary>Filters and order of the stage list, under authentik's names. Stages are few: they are sifted here.</summary>
internal sealed class StageFilter
{
    private readonly List<Func<StageInfo, bool>> _conditions = [];
    private Func<IEnumerable<StageInfo>, IEnumerable<StageInfo>> _order = stages => stages;

    /// <summary>Reads the query; faults are noted.</summary>
    public static StageFilter Read(IQueryCollection query, FieldErrors errors)
    {
        var reader = new QueryReader(query, errors);
        var filter = new StageFilter();
        filter.Where(reader.Text("name"), (stage, text) => stage.Name == text);
        foreach (var word in reader.Text("search") is { } search ? CallerText.Words(search) : [])
        {
            filter._conditions.Add(stage => stage.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
        }

        filter.Where(reader.Text("session_duration"), (stage, text) => stage.SessionDuration.ToString() == text);
        filter.Where(reader.Text("remember_me_offset"), (stage, text) => stage.RememberMeOffset.ToString() == text);
        filter.Where(reader.Text("remember_device"), (stage, text) => stage.RememberDevice.ToString() == text);
        filter.Where(Known("network_binding", BindingNames.Network.Contains, "Is no network binding."), (stage, text) => BindingNames.Of(stage.NetworkBinding) == text);
        filter.Where(Known("geoip_binding", BindingNames.GeoIp.Contains, "Is no GeoIP binding."), (stage, text) => BindingNames.Of(stage.GeoIpBinding) == text);
        if (reader.Uuid("stage_uuid") is { } uuid)
        {
            filter._conditions.Add(stage => stage.Pk == uuid);
        }

        if (reader.Flag("terminate_other_sessions") is { } terminate)
        {
            filter._conditions.Add(stage => stage.TerminateOtherSessions == terminate);
        }

        filter._order = reader.Order(Field, "Stages cannot be ordered by this.");
        return filter;

        string? Known(string name, Func<string, bool> isKnown, string fault)
        {
            var text = reader.Text(name);
            errors.Require(text is null || isKnown(text), name, fault);
            return text;
        }
    }

    /// <summary>The stages that pass, in order.</summary>
    public ImmutableArray<StageInfo> Apply(ImmutableArray<StageInfo> stages)
    {
        var passed = stages.Where(stage => _conditions.TrueForAll(condition => condition(stage)));
        return [.. _order(passed.OrderBy(stage => stage.Name, StringComparer.Ordinal))];
    }

    private void Where(string? text, Func<StageInfo, string, bool> condition)
    {
        if (text is not null)
        {
            _conditions.Add(stage => condition(stage, text));
        }
    }

    private static Func<StageInfo, IComparable>? Field(string name) => name switch
    {
        "name" => stage => stage.Name,
        "pk" or "stage_uuid" => stage => stage.Pk,
        "session_duration" => stage => stage.SessionDuration.ToString(),
        "remember_me_offset" => stage => stage.RememberMeOffset.ToString(),
        "remember_device" => stage => stage.RememberDevice.ToString(),
        "terminate_other_sessions" => stage => stage.TerminateOtherSessions,
        "network_binding" => stage => BindingNames.Of(stage.NetworkBinding),
        "geoip_binding" => stage => BindingNames.Of(stage.GeoIpBinding),
        _ => null,
    };
}
