using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Input;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Problems;

namespace SessionCluster.Api.Bindings;

/// <summary><c>POST /api/v3/bindings/explain/</c>: what each binding would make of a change of address.</summary>
internal sealed class BindingEndpoints(IGrainFactory grains)
{
    /// <summary>Said of a text that is no address.</summary>
    public const string NoAddress = "Must be an IPv4 or IPv6 address.";

    public Task<BindingExplanation> Explain(string from, string to) => grains.BindingExplain().Explain(from, to);

    public async Task<IReadOnlyList<GeoDatabaseInfo>> Databases() => await grains.BindingExplain().Databases();

    public async Task Explain(HttpContext context, Caller caller)
    {
        using var body = await BodyReader.Read(context);
        if (body is null)
        {
            return;
        }

        var (from, to) = (ReadAddress(body.Root, "from"), ReadAddress(body.Root, "to"));
        await (body.Errors.Any
            ? ProblemAnswer.Invalid(context, body.Errors)
            : JsonAnswer.Write(context, StatusCodes.Status200OK, await Explain(from, to), Fill));
    }

    private static string ReadAddress(ObjectReader body, string name)
    {
        var text = body.Has(name) ? body.Text(name, ClientAddress.MaxLength, "?") : body.Text(name, ClientAddress.MaxLength);
        if (body.Has(name) && ClientAddress.CanonicalOf(text) is null)
        {
            body.Fault(name, NoAddress);
        }

        return ClientAddress.CanonicalOf(text) ?? "";
    }

    private static void Fill(Utf8JsonWriter writer, BindingExplanation explanation)
    {
        writer.WriteStartObject();
        Fill(writer, "from"u8, explanation.From);
        Fill(writer, "to"u8, explanation.To);
        writer.WriteStartArray("modes"u8);
        foreach (var verdict in explanation.Verdicts)
        {
            writer.WriteStartObject();
            writer.WriteString("mode"u8, verdict.Mode);
            writer.WriteBoolean("holds"u8, verdict.Holds);
            writer.WriteString("reason"u8, verdict.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Fill(Utf8JsonWriter writer, ReadOnlySpan<byte> name, AddressFacts facts)
    {
        writer.WriteStartObject(name);
        writer.WriteString("ip"u8, facts.Ip);
        writer.WriteNode("asn"u8, facts.Asn is { } asn ? GeoJson.Of(asn) : null);
        writer.WriteNode("geo"u8, facts.Geo is { } geo ? GeoJson.Of(geo) : null);
        writer.WriteEndObject();
    }
}

/// <summary>Explaining bindings.</summary>
internal static class BindingRoutes
{
    public static IServiceCollection AddBindings(this IServiceCollection services) => services.AddSingleton<BindingEndpoints>();

    public static void MapBindings(this Routes routes) => routes.Post(
        "/api/v3/bindings/explain/", Access.Service(Roles.Read | Roles.Manage), routes.Services.GetRequiredService<BindingEndpoints>().Explain);
}
