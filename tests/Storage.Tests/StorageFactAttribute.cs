using Xunit.Abstractions;
using Xunit.Sdk;

namespace SessionCluster.Storage.Tests;

/// <summary>A fact that is stated once, in an abstract class, and runs in a class for each database.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("SessionCluster.Storage.Tests.StorageFactDiscoverer", "SessionCluster.Storage.Tests")]
internal sealed class StorageFactAttribute : FactAttribute;

/// <summary>A table that is stated once, in an abstract class, and runs in a class for each database.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("SessionCluster.Storage.Tests.StorageTheoryDiscoverer", "SessionCluster.Storage.Tests")]
internal sealed class StorageTheoryAttribute : TheoryAttribute;

/// <summary>Says of a class of tests that it needs a PostgreSQL server: where there is none its tests are skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnPostgreSqlAttribute : Attribute;

/// <summary>An attribute of a method does not know the class that runs it; a discoverer does.</summary>
internal sealed class StorageFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    /// <summary>The skipped test; null when there is no reason to skip it.</summary>
    public static IXunitTestCase? Skipped(IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method) =>
        PostgreSqlServer.WhyNot is { } reason && method.TestClass.Class.GetCustomAttributes(typeof(OnPostgreSqlAttribute)).Any()
            ? new XunitSkippedDataRowTestCase(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, reason)
            : null;

    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Skipped(DiagnosticMessageSink, discoveryOptions, testMethod) ?? base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}

/// <inheritdoc cref="StorageFactDiscoverer"/>
internal sealed class StorageTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        StorageFactDiscoverer.Skipped(DiagnosticMessageSink, discoveryOptions, testMethod) is { } skipped
            ? [skipped]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}
