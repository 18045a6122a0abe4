namespace SessionCluster.Api.UserAgents;

/// <summary>Makers of Android devices, known by how their models are named.</summary>
internal static class Models
{
    /// <summary>
    /// By the beginning of a model: the maker, what the device's family puts before the model, and whether the beginning is the
    /// maker's name and no part of the model.
    /// </summary>
    private static readonly (string Start, string Brand, string Family, bool Cut)[] Makers =
    [
        ("SAMSUNG ", "Samsung", "Samsung ", true), ("SAMSUNG-", "Samsung", "Samsung ", true), ("SM-", "Samsung", "Samsung ", false),
        ("GT-", "Samsung", "Samsung ", false), ("SCH-", "Samsung", "Samsung ", false), ("SGH-", "Samsung", "Samsung ", false),
        ("SHV-", "Samsung", "Samsung ", false), ("SPH-", "Samsung", "Samsung ", false), ("Pixel", "Google", "", false),
        ("Redmi ", "XiaoMi", "XiaoMi ", false), ("Mi ", "XiaoMi", "XiaoMi ", false), ("MI ", "XiaoMi", "XiaoMi ", false),
        ("HM ", "XiaoMi", "XiaoMi ", false), ("moto ", "Motorola", "Motorola ", true), ("HUAWEI ", "Huawei", "Huawei ", true),
        ("LG-", "LG", "LG-", true), ("HTC ", "HTC", "HTC ", true), ("HTC_", "HTC", "HTC ", true),
        ("ONEPLUS ", "OnePlus", "OnePlus ", false), ("CPH", "Oppo", "Oppo ", false), ("OPPO ", "Oppo", "Oppo ", true),
        ("vivo ", "vivo", "vivo ", true), ("RMX", "Oppo", "Oppo ", false), ("Lenovo ", "Lenovo", "Lenovo ", true),
        ("ASUS_", "Asus", "Asus ", true), ("Nokia ", "Nokia", "Nokia ", true),
    ];

    /// <summary>The device of a model.</summary>
    /// <param name="model">The model, as the text names it.</param>
    /// <param name="tablet">Whether its browser says that it is no telephone.</param>
    public static DevicePart Read(string model, bool tablet)
    {
        foreach (var (start, brand, family, cut) in Makers)
        {
            if (model.Length > start.Length && model.StartsWith(start, StringComparison.Ordinal))
            {
                var name = cut ? model[start.Length..] : model;
                return new DevicePart(brand, family + name, name);
            }
        }

        // Amazon's tablets have a model code each, and one name.
        return model.StartsWith("KF", StringComparison.Ordinal)
            ? new DevicePart("Amazon", "Kindle", "Kindle")
            : new DevicePart(tablet ? "Generic_Android_Tablet" : "Generic_Android", model, model);
    }
}
