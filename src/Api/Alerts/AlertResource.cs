namespace SessionCluster.Api.Alerts;

/// <summary>What the paths of one kind of item need to know of it.</summary>
/// <typeparam name="T">The item.</typeparam>
/// <param name="Noun">Its name in messages.</param>
/// <param name="Of">The items of this kind, in their usual order.</param>
/// <param name="Pk">Its primary key.</param>
/// <param name="New">A new one, before its fields are read.</param>
/// <param name="Read">Reads the fields over an item that gives what is omitted; faults are noted. The last is true where required fields must be there.</param>
/// <param name="Save">The command that stores it.</param>
/// <param name="Json">The form in which it is answered.</param>
/// <param name="Fields">The fields by which lists are filtered and ordered: booleans, long numbers, UUIDs and texts.</param>
/// <param name="Searched">The texts that a search looks at.</param>
/// <param name="UsedBy">What uses it, and goes or changes when it is deleted.</param>
internal sealed record AlertKind<T>(
    string Noun,
    Func<AlertItems, ImmutableArray<T>> Of,
    Func<T, Guid> Pk,
    Func<Guid, T> New,
    Func<ObjectReader, T, bool, T> Read,
    Func<T, long?, ChangedBy, AlertSave> Save,
    Func<T, AlertItems, JsonObject> Json,
    IReadOnlyDictionary<string, Func<T, IComparable>> Fields,
    Func<T, AlertItems, IEnumerable<string>> Searched,
    Func<AlertItems, T, IEnumerable<AlertUse>> UsedBy)
    where T : class;

/// <summary>A use of an item by another, in authentik's form.</summary>
/// <param name="Model">The user's model, after its app.</param>
/// <param name="Pk">The user's primary key.</param>
/// <param name="Action">What a deletion does to it: <c>cascade</c> deletes it, <c>cascade_many</c> takes the reference away.</param>
internal sealed record AlertUse((string App, string Name) Model, Guid Pk, string Name, string Action);

/// <summary>The paths of one kind of item: list, create, read, update, delete, as authentik has them.</summary>
internal sealed class AlertResource<T>(AlertKind<T> kind, IGrainFactory grains, ConnectionClient connection)
    where T : class
{
    private const int MaxTargets = 100;

    private IAlertCatalogGrain Catalog => grains.GetGrain<IAlertCatalogGrain>(IAlertCatalogGrain.Key);

    public Task List(HttpContext context, Caller caller) => PageRequest.Answer(
        context,
        (_, errors) => ReadFilter(context.Request.Query, errors),
        async (page, filter) =>
        {
            var items = await Catalog.Read();
            await PageAnswer.WriteSlice(context, page, [.. filter(items)], (writer, item) => kind.Json(item, items).WriteTo(writer));
        });

    /// <summary>An endpoint that is asked about the item of its path; 404 when there is none.</summary>
    public Func<HttpContext, Caller, Task> Of(Func<HttpContext, T, AlertItems, ChangedBy, Task> endpoint) => async (context, caller) =>
    {
        var items = await Catalog.Read();
        var item = PathSegment.TryGuid(context, "pk", out var pk) ? Find(items, pk) : null;
        await (item is null ? NoSuchItem(context) : endpoint(context, item, items, By(context, caller)));
    };

    public Task Get(HttpContext context, T item, AlertItems items, ChangedBy by) => Answer(context, StatusCodes.Status200OK, item, items);

    public Task UsedBy(HttpContext context, T item, AlertItems items, ChangedBy by) =>
        JsonAnswer.Write(context, StatusCodes.Status200OK, new JsonArray([.. kind.UsedBy(items, item).Select(use => new JsonObject
        {
            ["app"] = use.Model.App,
            ["model_name"] = use.Model.Name,
            ["pk"] = use.Pk,
            ["name"] = use.Name,
            ["action"] = use.Action,
        })]));

    public Task Create(HttpContext context, Caller caller) =>
        BodyReader.With(context, body => Save(context, body, kind.New(RandomUuid.Next()), null, isWhole: true, By(context, caller)));

    /// <summary>PUT and PATCH: both keep omitted fields; PUT needs the required ones.</summary>
    public Task Update(HttpContext context, T item, AlertItems items, ChangedBy by) =>
        BodyReader.With(context, body => Save(context, body, item, items.Revision, HttpMethods.IsPut(context.Request.Method), by));

    public async Task Delete(HttpContext context, T item, AlertItems items, ChangedBy by)
    {
        if (!await Catalog.Delete(kind.Pk(item), by))
        {
            await NoSuchItem(context);
            return;
        }

        if (item is AlertTransport deleted)
        {
            // What waits is thrown away. Where that fails now, the grain does it by itself if it is in memory, and else nobody looks at it again.
            await Task.WhenAny(grains.AlertDelivery(deleted.Pk).Follow());
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task Save(HttpContext context, BodyReader body, T before, long? basedOn, bool isWhole, ChangedBy by)
    {
        var (isNew, item, outcome) = (basedOn is null, before, AlertSaveOutcome.Changed);
        while (outcome == AlertSaveOutcome.Changed)
        {
            item = kind.Read(body.Root, before, isWhole);
            if (body.Errors.Any)
            {
                await ProblemAnswer.Invalid(context, body.Errors);
                return;
            }

            outcome = await Catalog.Save(kind.Save(item, basedOn, by));
            if (outcome == AlertSaveOutcome.Changed)
            {
                // What this request omits, another may have changed meanwhile.
                var items = await Catalog.Read();
                basedOn = items.Revision;
                if (Find(items, kind.Pk(item)) is { } current)
                {
                    before = current;
                }
                else
                {
                    outcome = AlertSaveOutcome.NotFound;
                }
            }
        }

        if (outcome == AlertSaveOutcome.Saved)
        {
            var items = await Catalog.Read();
            await Follow(item, items);
            await Answer(context, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, item, items);
            return;
        }

        await (outcome switch
        {
            AlertSaveOutcome.NotFound => NoSuchItem(context),
            AlertSaveOutcome.TooMany => ProblemAnswer.Write(context, Problem.LimitReached, $"There are as many {kind.Noun}s as can be; delete one first."),
            _ => Refuse(context, outcome),
        });
    }

    private Task Refuse(HttpContext context, AlertSaveOutcome outcome)
    {
        var (field, message) = outcome switch
        {
            AlertSaveOutcome.NameTaken => ("name", $"Another {kind.Noun} has this name."),
            AlertSaveOutcome.NoSuchTransport => ("transports", "There is no such transport."),
            AlertSaveOutcome.NoSuchRule => ("target", "There is no such rule."),
            AlertSaveOutcome.NoSuchMatcher => ("policy", "There is no such event matcher."),
            AlertSaveOutcome.BoundAlready => ("order", "The matcher is bound to the rule with this order already."),
            AlertSaveOutcome.NobodyToNotify when typeof(T) == typeof(AlertTransport) =>
                ("mode", "A rule that is switched on would notify nobody: set its destination_event_user to true, name destination_emails for a mail, or switch it off."),
            AlertSaveOutcome.NobodyToNotify => ("destination_event_user", "These transports notify persons: set this to true, or name destination_emails for a mail."),
            _ => (typeof(T) == typeof(AlertRule) ? "transports" : "mode", "No mail server is configured: set Mail:Host."),
        };
        return ProblemAnswer.Invalid(context, field, message);
    }

    /// <summary>What a rule asks for is delivered for every event after the answer: its transports follow the log from now on.</summary>
    private async Task Follow(T item, AlertItems items)
    {
        var rule = item switch { AlertRule saved => saved.Pk, AlertBinding binding => binding.Rule, _ => default(Guid?) };
        var transports = items.Rules.FirstOrDefault(known => known.Pk == rule)?.Transports.Distinct().Where(transport => !items.RulesOf(transport).IsEmpty) ?? [];
        try
        {
            await Task.WhenAll(transports.Select(transport => grains.AlertDelivery(transport).Follow()));
        }
        catch (StorageUnavailableException failure)
        {
            // The item itself is stored.
            throw new StorageUnavailableException($"The {kind.Noun} is saved, and will be followed; from when on is not known.", outcomeUnknown: true, failure);
        }
    }

    private Task Answer(HttpContext context, int status, T item, AlertItems items) =>
        JsonAnswer.Write(context, status, kind.Json(item, items));

    private Func<AlertItems, IEnumerable<T>> ReadFilter(IQueryCollection query, FieldErrors errors)
    {
        var reader = new QueryReader(query, errors);
        foreach (var name in AlertKinds.Unsupported.Where(name => reader.Text(name) is not null))
        {
            errors.Add(name, $"{kind.Noun}s cannot be filtered by this.");
        }

        // Two more that authentik has of bindings; each binding here has a policy.
        var target = kind.Fields.GetValueOrDefault("target");
        var targets = target is null ? [] : reader.Uuids("target_in", MaxTargets);
        var isNone = kind.Fields.ContainsKey("policy") && reader.Flag("policy__isnull") == true;
        var sift = ListFilter.Read(reader, errors, $"{kind.Noun}s", kind.Fields, kind.New(Guid.Empty), StringComparison.OrdinalIgnoreCase);
        return items => sift(
            kind.Of(items).Where(item => !isNone && (targets.Count == 0 || targets.Contains((Guid)target!(item)))), item => kind.Searched(item, items));
    }

    private T? Find(AlertItems items, Guid pk) => kind.Of(items).FirstOrDefault(item => kind.Pk(item) == pk);

    private Task NoSuchItem(HttpContext context) => ProblemAnswer.Write(context, Problem.NotFound, $"There is no such {kind.Noun}.");

    private ChangedBy By(HttpContext context, Caller caller) => new(caller.Key?.Name, connection.Facts(context));
}
