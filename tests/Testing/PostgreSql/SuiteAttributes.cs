using Xunit.Abstractions;
using Xunit.Sdk;

namespace SessionCluster.Testing.PostgreSql;

/// <summary>A fact that is stated once, in an abstract class, and runs in a class for each place that it holds in.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("SessionCluster.Testing.PostgreSql.SuiteFactDiscoverer", "SessionCluster.TestKit")]
public sealed class SuiteFactAttribute : FactAttribute;

/// <summary>A table that is stated once, in an abstract class, and runs in a class for each place that it holds in.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("SessionCluster.Testing.PostgreSql.SuiteTheoryDiscoverer", "SessionCluster.TestKit")]
public sealed class SuiteTheoryAttribute : TheoryAttribute;

/// <summary>Says of a class of such tests that it needs a PostgreSQL server: where there is none they are skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnPostgreSqlAttribute : Attribute;

/// <summary>An attribute of a method does not know the class that runs it; a discoverer does.</summary>
public sealed class SuiteFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    /// <summary>The skipped test; null when there is no reason to skip it.</summary>
    internal static IXunitTestCase? Skipped(IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method) =>
        PostgreSqlServer.WhyNot is { } reason && method.TestClass.Class.GetCustomAttributes(typeof(OnPostgreSqlAttribute)).Any()
            ? new XunitSkippedDataRowTestCase(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, reason)
            : null;

    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Skipped(DiagnosticMessageSink, discoveryOptions, testMethod) ?? base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}

/// <inheritdoc cref="SuiteFactDiscoverer"/>
public sealed class SuiteTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        SuiteFactDiscoverer.Skipped(DiagnosticMessageSink, discoveryOptions, testMethod) is { } skipped
            ? [skipped]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}
