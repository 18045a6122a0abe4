using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;

namespace SessionCluster.Api.Events;

/// <summary>How long events are kept; here it only tells when a listed event will be gone.</summary>
internal sealed class EventOptions
{
    /// <summary><c>Events:Retention</c>, in the stage's duration syntax. Default 365 days, for which it is null.</summary>
    public string? Retention { get; set; }

    /// <summary>The length of time.</summary>
    public TimeSpan Kept =>
        Retention is { } text && DurationParser.TryParse(text, out var duration, out _) ? duration.Value : TimeSpan.FromDays(365);

    public void Bind(IConfiguration configuration) =>
        Retention = string.IsNullOrEmpty(configuration["Events:Retention"]) ? null : configuration["Events:Retention"];
}

/// <summary>Checks <see cref="EventOptions"/>.</summary>
internal sealed class EventOptionsValidator : IValidateOptions<EventOptions>
{
    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        if (options.Retention is not { } text)
        {
            return ValidateOptionsResult.Success;
        }

        if (!DurationParser.TryParse(text, out var duration, out var error))
        {
            return ValidateOptionsResult.Fail($"Events:Retention: {error}");
        }

        return duration.Value > TimeSpan.Zero
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Events:Retention must be longer than no time; it is '{text}'.");
    }
}
