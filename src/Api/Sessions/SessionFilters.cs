namespace SessionCluster.Api.Sessions;

/// <summary>Filters and orders of the session list, under authentik's names and ours.</summary>
internal static class SessionFilters
{
    // authentik orders by user name unless asked otherwise. Its own names carry the path to the column.
    private const string DefaultOrder = "user__username";

    /// <summary>Reads the query; faults are noted.</summary>
    public static SessionQuery Read(IQueryCollection query, PageRequest page, FieldErrors errors, string defaultOrder = DefaultOrder)
    {
        var reader = new QueryReader(query, errors);
        var ordering = reader.Text("ordering") ?? defaultOrder;
        var descending = ordering.StartsWith('-');
        var order = ParseOrder(descending ? ordering[1..] : ordering);
        errors.Require(order is not null, "ordering", "Sessions cannot be ordered by this.");
        return new SessionQuery(
            order ?? SessionOrder.Username,
            descending,
            page.Offset,
            page.Size,
            ReadUser(reader, errors),
            reader.Text("user__username"),
            reader.Address("session__last_ip"),
            reader.Text("session__last_user_agent"),
            reader.Text("search"),
            reader.Number("asn"),
            reader.Text("country")?.ToUpperInvariant());
    }

    private static SessionOrder? ParseOrder(string name) => name switch
    {
        "user__username" or "username" or "user" => SessionOrder.Username,
        "session__last_ip" or "last_ip" => SessionOrder.LastIp,
        "session__last_user_agent" or "last_user_agent" => SessionOrder.LastUserAgent,
        "session__last_used" or "last_used" => SessionOrder.LastUsed,
        "session__expires" or "expires" => SessionOrder.Expires,
        "created" => SessionOrder.Created,
        "uuid" => SessionOrder.Id,
        _ => null,
    };

    private static UserId? ReadUser(QueryReader reader, FieldErrors errors)
    {
        if (reader.Text("user") is not { } text)
        {
            return null;
        }

        if (UserId.TryParse(text, out var user))
        {
            return user;
        }

        errors.Add("user", $"Must be {UserId.Rule}.");
        return null;
    }
}
