using Microsoft.AspNetCore.WebUtilities;

namespace SessionCluster.Api.Flows;

/// <summary>Where a request carried its plan.</summary>
internal enum PlanPlace
{
    /// <summary>In the header, which no other site's page can send.</summary>
    Header,

    Url,

    /// <summary>In the cookie, which the browser sends by itself.</summary>
    Cookie,
}

/// <summary>The plan that a request names; null <paramref name="Id"/> when it names none of ours.</summary>
internal readonly record struct NamedPlan(PlanId? Id, PlanPlace Place);

/// <summary>Finds the plan of a request: header, query, the URL-encoded <c>query</c> parameter, cookie; the first that is there counts.</summary>
internal sealed class PlanReader(PlanTokens plans, SiteCookies cookies)
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Flow-Plan";

    private const string Parameter = "plan";

    private const string Query = "query";

    /// <summary>Longest <c>query</c> parameter that is looked at, in characters.</summary>
    private const int MaxQuery = 8192;

    public NamedPlan Read(HttpRequest request)
    {
        var header = request.Headers[Header];
        if (header.Count > 0)
        {
            return new NamedPlan(header.Count == 1 ? Read(request, header[0]) : null, PlanPlace.Header);
        }

        var inUrl = request.Query[Parameter];
        if (inUrl.Count == 0)
        {
            var nested = request.Query[Query].ToString();
            inUrl = nested.Length is > 0 and <= MaxQuery ? QueryHelpers.ParseQuery(nested).GetValueOrDefault(Parameter) : default;
        }

        return inUrl.Count > 0
            ? new NamedPlan(inUrl.Count == 1 ? Read(request, inUrl[0]) : null, PlanPlace.Url)
            : new NamedPlan(ReadCookie(request), PlanPlace.Cookie);
    }

    public PlanId? ReadCookie(HttpRequest request) => Read(request, request.Cookies[cookies.PlanName]);

    public bool IsInCookie(HttpRequest request, PlanId? plan) => plan is not null && plans.Read(request.Cookies[cookies.PlanName]) == plan;

    private PlanId? Read(HttpRequest request, string? token)
    {
        var plan = plans.Read(token);
        if (plan is null && !string.IsNullOrEmpty(token))
        {
            RefusalLog.Note(request.HttpContext, RefusalLog.MalformedCode);
        }

        return plan;
    }
}
