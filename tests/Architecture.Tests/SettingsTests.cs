using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using SessionCluster.Api.Hosting;
using SessionCluster.Silo.Hosting;
using SessionCluster.Users;

namespace SessionCluster.Architecture.Tests;

/// <summary>The defaults that docs/settings.md names are those of the program.</summary>
public sealed partial class SettingsTests
{
    /// <summary>Read in another way than by options, or set by where the process runs.</summary>
    private static readonly string[] Elsewhere =
        ["ASPNETCORE_URLS", "--urls", "Data:Path", "Storage:Provider", "Http:Api", "Keys:AllowNew", "Leases:LedgerFreshness", "Logging:Console:FormatterName"];

    /// <summary>The options of each section; some have several.</summary>
    private static readonly ILookup<string, object> Options =
        new[] { typeof(KnownSettings).Assembly, typeof(UserGrain).Assembly, typeof(IUserGrain).Assembly, typeof(SiloSettings).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.GetConstructor(Type.EmptyTypes) is not null)
            .Select(type => (Type: type, Section: type == typeof(SiloSettings) ? ClusterSettings.Section : Constant(type)))
            .Where(options => options.Section is not null)
            .ToLookup(options => options.Section!, options => Activator.CreateInstance(options.Type)!);

    [Fact]
    public void The_documented_defaults_are_those_of_the_options()
    {
        var documented = Documented().Where(setting => !Elsewhere.Contains(setting.Name)).ToList();

        Assert.InRange(documented.Count, 35, 100);
        Assert.All(documented, setting => Assert.Equal((setting.Name, setting.Default), (setting.Name, Fresh(setting.Name))));
    }

    /// <summary>Each setting whose default is written as a number or as code, alone or in a list as long as that of the names; one default may be that of several names.</summary>
    private static IEnumerable<(string Name, string Default)> Documented()
    {
        foreach (var cells in Repository.Read("docs/settings.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')))
        {
            string[] names = [.. Code().Matches(cells[1]).Select(match => match.Groups[1].Value)], defaults = cells[2].Split(',', StringSplitOptions.TrimEntries);
            for (var i = 0; i < names.Length && (defaults.Length == 1 || defaults.Length == names.Length); i++)
            {
                // Further names of a line leave out what the first begins with.
                var name = names[i].StartsWith(':') ? names[0][..names[0].LastIndexOf(':')] + names[i] : names[i];
                if (Value().Match(defaults.Length == 1 ? defaults[0] : defaults[i]) is { Success: true } value)
                {
                    yield return (name, value.Groups[1].Value + value.Groups[2].Value);
                }
            }
        }
    }

    private static string? Fresh(string name)
    {
        var at = name.LastIndexOf(':');
        var value = Options[name[..at]].Select(options => options.GetType().GetProperty(name[(at + 1)..])?.GetValue(options)).FirstOrDefault(value => value is not null);
        return value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    private static string? Constant(Type type) =>
        type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is { IsLiteral: true } section ? (string?)section.GetRawConstantValue() : null;

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^(?:`([^`]+)`|(\d+))(?: \(.*\))?$")]
    private static partial Regex Value();
}
