using Microsoft.AspNetCore.Authentication;

namespace SessionCluster.AspNetCore;

/// <summary>Options of the scheme. They come from the configuration section <c>SessionCluster</c>, then from code.</summary>
public sealed class SessionClusterOptions : AuthenticationSchemeOptions
{
    /// <summary>New options.</summary>
    public SessionClusterOptions() => Events = new SessionClusterEvents();

    /// <inheritdoc cref="SessionClusterClientOptions.Address"/>
    public Uri? Address { get; set; }

    /// <inheritdoc cref="SessionClusterClientOptions.ApiKey"/>
    public string? ApiKey { get; set; }

    /// <inheritdoc cref="SessionClusterClientOptions.ApiKeyFile"/>
    public string? ApiKeyFile { get; set; }

    /// <inheritdoc cref="SessionClusterClientOptions.Timeout"/>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Name or key of the User Login stage that sign-ins run through, unless their properties say another.</summary>
    public string Stage { get; set; } = "default";

    /// <summary>
    /// What is set here wins over the attributes that the server gives its cookies: Name (of the session cookie), Domain, Path, SameSite, and
    /// SecurePolicy. Unset, the cookies are the server's, and Secure also where the request is https.
    /// </summary>
    public CookieBuilder Cookie { get; } = new();

    /// <summary>Where a browser without a session is sent; below PathBase.</summary>
    public PathString LoginPath { get; set; } = "/login";

    /// <summary>The query parameter that says where the browser wanted to go.</summary>
    public string ReturnUrlParameter { get; set; } = "returnUrl";

    /// <summary>The query parameter that tells the login page why the last session is over, such as <c>revoked</c>; empty for none.</summary>
    public string ReasonParameter { get; set; } = "reason";

    /// <summary>What the app does at each step.</summary>
    public new SessionClusterEvents Events
    {
        get => (SessionClusterEvents)base.Events!;
        set => base.Events = value;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (string.IsNullOrWhiteSpace(Stage))
        {
            throw new ArgumentException("SessionCluster:Stage is empty. Set it to the name of a User Login stage, such as default.", nameof(Stage));
        }

        if (!LoginPath.HasValue)
        {
            throw new ArgumentException("SessionCluster:LoginPath is empty. Set it to the path of the app's login page, such as /login.", nameof(LoginPath));
        }
    }

    internal void CopyTo(SessionClusterClientOptions client)
    {
        client.Address = Address ?? client.Address;
        client.ApiKey = ApiKey ?? (ApiKeyFile is null ? client.ApiKey : null);
        client.ApiKeyFile = ApiKeyFile ?? (ApiKey is null ? client.ApiKeyFile : null);
        client.Timeout = Timeout ?? client.Timeout;
    }
}
