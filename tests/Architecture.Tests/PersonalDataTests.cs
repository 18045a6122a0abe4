using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using SessionCluster.Users;

namespace SessionCluster.Architecture.Tests;

/// <summary>What travels in a call is in Orleans' text about that call, by its <c>ToString</c>: in the log, and in exceptions.</summary>
public sealed class PersonalDataTests
{
    private const string Personal = "jane@example.org";

    /// <summary>Members that hold what people or front ends say.</summary>
    private static readonly string[] Telling =
    [
        "Username", "Email", "Name", "DataJson", "AuthMethodArgsJson", "ArgsJson", "ContextJson", "ReasonText", "Body", "User",
        "UserAgent", "LastUserAgent", "Prefix", "Search", "Begins", "Query", "Secret", "WebhookUrl", "Value",
    ];

    [Fact]
    public void What_a_contract_carries_shows_nothing_personal_as_text() => Findings.None(
        typeof(IUserGrain).Assembly.GetTypes().Where(type => !type.IsAbstract && IsRecord(type)),
        type => Filled(type).ToString()!.Contains(Personal, StringComparison.Ordinal) ? [$"{type}: derive it from Sensitive, or override ToString."] : []);

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;

    /// <summary>One whose telling members, at any depth, are all <see cref="Personal"/>.</summary>
    private static object Filled(Type type)
    {
        var filled = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
        {
            var member = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            if (member == typeof(string) && Telling.Any(name => field.Name == $"<{name}>k__BackingField"))
            {
                field.SetValue(filled, Personal);
            }
            else if (member.IsGenericType && member.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            {
                field.SetValue(filled, member.GetField(nameof(ImmutableArray<int>.Empty))!.GetValue(null));
            }
            else if (member.Assembly == type.Assembly && IsRecord(member))
            {
                field.SetValue(filled, Filled(member));
            }
        }

        return filled;
    }
}
